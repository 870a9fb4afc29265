"""Frameworks of reviews: YAML files, and the shelf that holds them."""
