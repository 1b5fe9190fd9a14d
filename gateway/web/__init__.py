"""Floor of the HTTP edge: what producers, the security team and auditors speak to."""
