"""WHAT IS SAID AND LEARNT.

Owns: threads, posts, post_versions, reactions, history_parts, held_posts, held_texts, cases, reports,
    moderation_log, taken_out, erasing, gathering, export_parts, copies (of what membership told)
Answers: open_thread, get_thread, list_threads, list_unanswered, close_thread, reopen_thread, accept_answer,
    share_thread, tell_thread, add_post, get_post, list_posts, edit_post, list_post_versions, react, unreact,
    search, explain_crossing, import_threads, hold_thread, hold_post, hold_edit, list_held_posts, get_held_post,
    decide_held_post, withdraw_held_post, get_guard_rules, change_guard_rules, get_words_part,
    report_post, get_report, list_reports, appeal_report, list_cases, get_case, withhold_post, decide_case, appeal_case,
    decide_appeal, list_moderation_log, list_organisation_cases, get_organisation_case, decide_for_member
Tells: ThreadOpened, PostAdded, PostEdited, AnswerAccepted, ThreadClosed, ThreadReopened, ThreadShared,
    PostReacted, HistoryImported, PostHeld, HeldPostDecided, CaseWaits, CaseDecided,
    ReportDecided, PostVisibilityChanged, ThreadTitleChanged, WordsErased, WordsGathered, Acted
Hears: OrganisationChanged, MemberChanged, CommunityChanged, MembershipChanged, GrantsChanged, MemberErased,
    ExportAsked, ExportEnded
"""
