"""Pages and forms: a view parses, calls one use case, and renders."""
