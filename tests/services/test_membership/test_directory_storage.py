"""scim2-server's own contract for storages, on ours: over the membership service, RabbitMQ and MongoDB."""

import pytest
from scim2_models import ScimProvider
from scim2_server.testing import ScimStorageContract

from services.gateway.scim.provider import make_provider
from services.gateway.scim.storage import DirectoryStorage
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller
from tests.services.test_membership.cast import Cast


class TestDirectoryStorage(ScimStorageContract):
    @pytest.fixture
    def provider(self) -> ScimProvider:
        return make_provider()

    @pytest.fixture
    def storage(self, switchboard: Switchboard, provider: ScimProvider, cast: Cast) -> DirectoryStorage:
        caller = Caller(organisation=cast.organisation(), scopes=frozenset({"directory:write"}))
        return DirectoryStorage(switchboard, provider, lambda: caller)
