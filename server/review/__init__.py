"""A review as a client sees it: over HTTP, from upload to printed findings."""
