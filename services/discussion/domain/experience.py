"""An experience: what happened, told in the parts that make it useful to somebody else."""

from shared.contracts.calls.discussion import NewThread

PARTS = {
    "context": "Context",
    "what_we_did": "What we did",
    "what_happened": "What happened",
    "what_we_would_change": "What we would change",
}


def text_of(new: NewThread) -> str:
    """The Markdown of a new thread's first post; an experience's parts under a heading each."""
    if new.experience is None:
        return new.text or ""
    told = [(heading, getattr(new.experience, part)) for part, heading in PARTS.items()]
    return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in told if text)
