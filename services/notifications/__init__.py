"""WHO SHOULD KNOW, AND WHY.

Owns: inbox, deeds, ties, crowds; copies: places, members, communities, grants
Answers: get_inbox, count_unread, mark_read, mark_all_read,
    set_community_level, set_thread_level, list_community_levels, list_thread_levels,
    catch_up
Tells: Nudge (not kept)
Hears: CommunityChanged, MemberChanged, MembershipChanged, JoinRequested, JoinDecided, GrantsChanged,
    ThreadOpened, PostAdded, PostEdited, AnswerAccepted, ThreadClosed, ThreadReopened, ThreadShared,
    PostReacted, HistoryImported, PostHeld, HeldPostDecided
"""
