"""What the cloud tests use to work a running lab: its APIs, databases, hosts and services."""
