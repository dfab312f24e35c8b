"""The services' own APIs: who asks, and what they are asked for."""
