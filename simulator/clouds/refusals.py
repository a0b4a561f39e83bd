"""What a cloud says when it refuses or fails: its own error codes, by the wordings of `Cloud`."""

from dataclasses import dataclass

from simulator.clouds.cloud import Cloud
from simulator.clouds.errors import CloudError
from simulator.clouds.faults import Fault
from simulator.clouds.resource_type import Place, ResourceType, Subject


@dataclass(frozen=True)
class Refusals:
    """The errors of one cloud, as values to be raised or told."""

    cloud: Cloud
    place: Place

    def of(self, fault: Fault, kind: ResourceType, name: str) -> CloudError:
        """A declared fault, in the cloud's words or in the file's."""
        wording = self.cloud.wordings[fault.fault]
        text = fault.message or wording.message.format(name=name, type=kind.token, region=self.place.region)
        return CloudError(wording.code, text, exists=wording.exists)

    def throttled(self, kind: ResourceType, name: str) -> CloudError:
        """Too many requests, for longer than the official provider repeats them."""
        wording = self.cloud.wordings["throttled"]
        return CloudError(wording.code, wording.message.format(name=name, type=kind.token, region=self.place.region))

    def timed_out(self, seconds: float) -> CloudError:
        """An operation that took longer than its resource's time-out."""
        wording = self.cloud.wordings["timeout"]
        return CloudError(wording.code, f"the operation did not end within {seconds:g} s", exists=True)

    def exists(self, subject: Subject) -> CloudError:
        """Something of that name is there already, and is not overwritten."""
        wording = self.cloud.wordings["exists"]
        text = wording.message.format(name=subject.name, type=subject.token, region=subject.region)
        return CloudError(wording.code, f"{text} ({subject.identifier}); adopt it with `pulumi import`")

    def missing(self, sentence: str) -> CloudError:
        """Something that a resource refers to does not exist."""
        return CloudError(self.cloud.wordings["missing"].code, sentence)

    def held(self, identifier: str, holders: list[str]) -> CloudError:
        """Something else still uses it."""
        return CloudError(self.cloud.wordings["held"].code, f"{identifier} is still used by {', '.join(holders)}")

    def busy(self, state: str, identifier: str) -> CloudError:
        """Another operation runs on it or on what it belongs to."""
        text = f"another operation ({state}) is in progress on {identifier}; wait for it to end"
        return CloudError(self.cloud.wordings["busy"].code, text)
