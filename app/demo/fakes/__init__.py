"""Stand-ins for the messaging services, on a local socket: they speak the services' HTTP and check their cryptography.

The demonstration runs them so that messages can be seen without an account anywhere; tests run them so that every way
out is tried for real. Nothing here is used when the product runs for people.
"""
