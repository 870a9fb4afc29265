"""The shapes of requests and answers, for the OpenAPI document. The tests hold real answers to them."""
