"""WHO is here, and on what terms.

Owns: organisations, members, communities, memberships, headcounts, join_requests, invitations, tokens, clients,
    organisation_keys, agreements, acts, audit
Answers: register_organisation, get_organisation, list_organisations,
    register_member, get_member, change_member, leave_organisation,
    find_similar_communities, start_community, get_community, list_communities, change_community,
    join, list_join_requests, decide_join_request,
    invite, list_invitations, revoke_invitation, accept_invitation,
    list_memberships, change_role, end_membership,
    issue_token, list_tokens, revoke_token, register_client, revoke_client, identify_token, identify_client,
    register_key, list_keys, revoke_key,
    propose_agreement, countersign_agreement, revoke_agreement, get_agreement, list_agreements,
    tell_revisions, import_members, list_acts
Tells: OrganisationChanged, MemberChanged, CommunityChanged, MembershipChanged, JoinRequested, JoinDecided, GrantsChanged
Hears: Acted
"""
