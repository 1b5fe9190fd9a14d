"""Floor of the record: what was decided, durable before anything leaves, and how to ask for it."""
