"""Files of every shape that people upload, made by code, each with the sections that must be read from it."""
