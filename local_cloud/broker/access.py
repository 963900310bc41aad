"""What one connection may do: the policies of its certificate, decided once per topic until the registry changes."""

from local_cloud.broker.policy import Who, allowed
from local_cloud.broker.registry import Registry

MAX_DECISIONS = 5_000


class Access:
    """Decisions for one certificate and client id. `arn_prefix` is `arn:aws:iot:<region>:<account>:`."""

    def __init__(self, registry: Registry, *, arn_prefix: str, certificate: str, client_id: str) -> None:
        self.registry, self.arn_prefix = registry, arn_prefix
        self.certificate, self.client_id = certificate, client_id
        self._generation = -1
        self._decisions: dict[tuple[str, str], bool] = {}

    def may_connect(self) -> bool:
        return self._may("iot:Connect", f"client/{self.client_id}")

    def may_publish(self, topic: str, *, retain: bool) -> bool:
        resource = f"topic/{topic}"
        return self._may("iot:Publish", resource) and (not retain or self._may("iot:RetainPublish", resource))

    def may_subscribe(self, pattern: str) -> bool:
        return self._may("iot:Subscribe", f"topicfilter/{pattern}")

    def may_receive(self, topic: str) -> bool:
        return self._may("iot:Receive", f"topic/{topic}")

    def _may(self, action: str, resource: str) -> bool:
        if self._generation != self.registry.generation or len(self._decisions) > MAX_DECISIONS:
            self._refresh()
        key = (action, resource)
        if key not in self._decisions:
            self._decisions[key] = self._active and allowed(
                self._documents, action, self.arn_prefix + resource, self._who
            )
        return self._decisions[key]

    def _refresh(self) -> None:
        self._generation = self.registry.generation
        self._decisions.clear()
        self._active = self.registry.is_active(self.certificate)
        self._documents = self.registry.documents_of(self.certificate)
        attached = self.client_id in self.registry.things_of(self.certificate)
        thing = self.registry.find_thing(self.client_id) if attached else None
        self._who = Who(self.client_id, thing.name, thing.attributes) if thing else Who(self.client_id)
