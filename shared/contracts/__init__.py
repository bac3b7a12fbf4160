"""The published language: what services say to each other, one file per speaker.

`vocabulary` holds the words, `envelope` how a fact is wrapped, `membership`, `discussion` and
`notifications` the facts each service speaks, and `calls` what each may be asked.
Strict in what we write, patient in what we read: unknown fields are forbidden when a contract is
built and ignored when one arrives.
"""
