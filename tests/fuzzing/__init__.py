"""Files damaged on purpose, each from a number: what a reader does with them, and with an export of them."""
