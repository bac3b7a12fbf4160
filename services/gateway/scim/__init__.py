"""SCIM 2.0 (RFC 7642-7644, 9865) for organisations' directories: the protocol is scim2-server's, the people membership's."""
