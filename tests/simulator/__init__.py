"""A simulator of the Messages API for tests: real HTTP and SSE, real token buckets with the real headers,
a prompt cache, and every fault on demand. It is never a default of the product, and it says what it is.
"""
