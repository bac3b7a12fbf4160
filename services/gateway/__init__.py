"""The gateway: HTTP in, nothing decided here.

Owns: no data; the signing keys of the access tokens it issues.
Answers: the API under /v1, the token endpoint under /oauth, and the live-event stream.
Tells: nothing.
Hears: Nudge, in the stream process.

`routes` parse a request into one call, `auth` says who is calling, `door` is what all requests pass
through, `switchboard` makes the call, and `problems` puts every refusal into words.
"""
