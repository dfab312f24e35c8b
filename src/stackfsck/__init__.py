"""fsck for OpenStack: find every trace of a virtual machine and tell which are stale."""

__version__ = "0.1.0"
