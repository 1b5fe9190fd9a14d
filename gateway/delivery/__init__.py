"""Floor of the sinks: the code that hands cleaned messages to destinations, and says only what they confirmed."""
