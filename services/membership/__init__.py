"""WHO is here, and on what terms.

Owns: organisations, members, communities, memberships, headcounts, join_requests, invitations, tokens, clients,
    directory_entries, directory_tokens, acts, audit
Answers: register_organisation, get_organisation, list_organisations,
    register_member, get_member, change_member, leave_organisation,
    find_similar_communities, start_community, get_community, list_communities, change_community,
    join, list_join_requests, decide_join_request,
    invite, list_invitations, revoke_invitation, accept_invitation,
    list_memberships, change_role, end_membership,
    issue_token, list_tokens, revoke_token, register_client, revoke_client, identify_token, identify_client,
    add_directory_entry, get_directory_entry, find_directory_entries, change_directory_entry, remove_directory_entry,
    issue_directory_token, list_directory_tokens, revoke_directory_token, identify_directory_token,
    tell_revisions, import_members, list_acts
Tells: OrganisationChanged, MemberChanged, CommunityChanged, MembershipChanged, JoinRequested, JoinDecided
Hears: Acted
"""
