"""WHO SHOULD KNOW, AND WHY.

Owns: inbox, deeds, ties, crowds, webhooks, receivers, deliveries, numbers, ended_clients, erasing, gathering, export_parts;
    copies: places, members, communities, grants, hidden_posts, titles
Answers: get_inbox, count_unread, mark_read, mark_all_read,
    set_community_level, set_thread_level, list_community_levels, list_thread_levels,
    catch_up,
    register_webhook, get_webhook, list_webhooks, change_webhook, rotate_webhook_secret, delete_webhook,
    list_webhook_deliveries, replay_webhook_delivery, get_notices_part
Tells: WebhookActed, NoticesErased, NoticesGathered; Nudge (not kept)
Hears: CommunityChanged, MemberChanged, MembershipChanged, JoinRequested, JoinDecided, ClientEnded, GrantsChanged, AgreementMoved,
    MemberErased, ExportAsked, ExportReady, ExportEnded,
    ThreadOpened, PostAdded, PostEdited, AnswerAccepted, ThreadClosed, ThreadReopened, ThreadShared,
    PostReacted, HistoryImported, PostHeld, HeldPostDecided, CaseWaits, CaseDecided, ReportDecided, PostVisibilityChanged,
    ThreadTitleChanged
"""
