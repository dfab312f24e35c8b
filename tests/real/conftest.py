"""Servers that all tests of this folder may use."""

from tests.real.servers import mariadb, postgresql

__all__ = ["mariadb", "postgresql"]
