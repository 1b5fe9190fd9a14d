"""`python -m gateway.demo`: the example policies at work on messages as shops, tills and GitHub send them."""
