"""The live-event process: what comes into a member's inbox, down a stream that stays open (SSE).

A process of its own, because a thread for every open stream would starve everything else. It owns
nothing: `listener` hears that inboxes have something new, `hub` knows which streams are open and
fetches what a stream may have missed, `stream` is one of them and never says the same thing twice,
`position` is how far it is, `door` lets members in.

Source: the event stream format and `Last-Event-ID` of the HTML standard, section 9.2.
"""
