"""The rules of membership: pure functions, a file for each noun."""
