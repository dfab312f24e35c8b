"""fsck for OpenStack clouds: every trace of a virtual machine, judged with proof."""

__version__ = "0.1.0"
