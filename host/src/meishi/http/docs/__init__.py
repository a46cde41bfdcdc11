"""The documentation page of the web API: the OpenAPI document, for people."""
