"""What a VM leaves where: one module per store, each writes one VM's records there.

Columns and values are those that the services themselves write (taken from a 2026.2 cloud).
"""
