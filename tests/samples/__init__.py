"""Sample files, made by code, and the makers of files that must be refused."""
