"""WHO is here, and on what terms.

Owns: organisations, members, communities, memberships, headcounts, join_requests, invitations, tokens, clients, spent,
    identity_providers, identities, sign_ins, sign_in_invitations, sign_in_links, passkeys, passkey_challenges, move_codes, outsider_letters,
    organisation_keys, agreements,
    directory_entries, directory_tokens, acts, audit, erasures, erasing, exports, gathering, export_parts
Answers: register_organisation, get_organisation, list_organisations,
    register_member, get_member, list_members, change_member, leave_organisation,
    find_similar_communities, start_community, get_community, list_communities, change_community,
    join, list_join_requests, decide_join_request,
    invite, list_invitations, revoke_invitation, accept_invitation,
    list_memberships, change_role, end_membership,
    issue_token, list_tokens, revoke_token, identify_token,
    add_directory_entry, get_directory_entry, find_directory_entries, change_directory_entry, remove_directory_entry,
    issue_directory_token, list_directory_tokens, revoke_directory_token, identify_directory_token,
    register_client, revoke_client, list_clients, add_client_secret, list_client_secrets, end_client_secret,
    set_client_keys, get_client_keys, identify_client, identify_client_by_assertion,
    register_identity_provider, list_identity_providers, remove_identity_provider, find_identity_provider,
    open_sign_in, identify_sign_in, list_sign_ins, end_sign_in, sign_out, invite_to_sign_in,
    ask_for_sign_in_link, open_sign_in_by_link,
    begin_passkey, add_passkey, list_passkeys, remove_passkey, begin_passkey_sign_in, open_sign_in_by_passkey,
    list_ways_in, unlink_identity,
    issue_move_code, move_home, list_homes,
    sponsor_outsider, come_as_outsider, list_outsiders, confirm_outsider, confirm_outsider_by_link, end_outsider,
    register_key, list_keys, revoke_key,
    propose_agreement, countersign_agreement, revoke_agreement, get_agreement, list_agreements,
    tell_revisions, import_members, list_acts, list_sealed_acts,
    ask_for_erasure, cancel_erasure, get_erasure, read_erasure_receipts, list_erasures,
    ask_for_export, get_export, make_export_link, open_export, get_membership_part, finish_export
Tells: OrganisationChanged, MemberChanged, CommunityChanged, MembershipChanged, JoinRequested, JoinDecided,
    SignInLinkAsked, OutsiderLetterWritten, ClientEnded, GrantsChanged, AgreementMoved, MemberErased,
    ExportAsked, ExportReady, ExportEnded
Hears: Acted, WebhookActed, SignInLinkAsked, OutsiderLetterWritten, WordsErased, NoticesErased, WordsGathered, NoticesGathered
"""
