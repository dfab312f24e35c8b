"""The only package, beside the probe, that talks to the outside: databases, hosts, memcached."""
