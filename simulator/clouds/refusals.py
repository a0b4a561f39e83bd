"""Errors of a cloud, with its own codes, by the wordings of `Cloud`."""

from dataclasses import dataclass

from simulator.clouds.cloud import Cloud
from simulator.clouds.errors import CloudError
from simulator.clouds.faults import Fault
from simulator.clouds.resource_type import AccountScope, ResourceType, Subject


@dataclass(frozen=True)
class Refusals:
    """Factory of the errors of one cloud."""

    cloud: Cloud
    scope: AccountScope

    def of(self, fault: Fault, kind: ResourceType, name: str) -> CloudError:
        """Make the error of a declared fault, with the cloud's message or the file's."""
        wording = self.cloud.wordings[fault.fault]
        text = fault.message or wording.message.format(name=name, type=kind.token, region=self.scope.region)
        return CloudError(wording.code, text, exists=wording.exists)

    def throttled(self, kind: ResourceType, name: str) -> CloudError:
        """Make the error of too many requests, after the repetitions of the official provider."""
        wording = self.cloud.wordings["throttled"]
        return CloudError(wording.code, wording.message.format(name=name, type=kind.token, region=self.scope.region))

    def timed_out(self, seconds: float) -> CloudError:
        """Make the error of an operation that took longer than its resource's time-out."""
        wording = self.cloud.wordings["timeout"]
        return CloudError(wording.code, f"the operation did not end within {seconds:g} s", exists=True)

    def exists(self, subject: Subject) -> CloudError:
        """Make the error of an existing resource of that name, which is not overwritten."""
        wording = self.cloud.wordings["exists"]
        text = wording.message.format(name=subject.name, type=subject.token, region=subject.region)
        return CloudError(wording.code, f"{text} ({subject.identifier}); adopt it with `pulumi import`")

    def missing(self, sentence: str) -> CloudError:
        """Make the error of a reference to a missing resource."""
        return CloudError(self.cloud.wordings["missing"].code, sentence)

    def in_use(self, identifier: str, holders: list[str]) -> CloudError:
        """Make the error of a deletion while other resources use this one."""
        return CloudError(self.cloud.wordings["held"].code, f"{identifier} is still used by {', '.join(holders)}")

    def busy(self, state: str, identifier: str) -> CloudError:
        """Make the error of an operation while another runs on the resource or its parent."""
        text = f"another operation ({state}) is in progress on {identifier}; wait for it to end"
        return CloudError(self.cloud.wordings["busy"].code, text)
