"""The other servers that the relay is measured beside."""
