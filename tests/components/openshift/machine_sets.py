"""Machine sets as installers create them, reduced to the fields that matter, one for each platform."""

from typing import Any

INFRA = "research-x7k2p"


def machine_set(value: dict[str, Any], name: str) -> dict[str, Any]:
    own = {
        "machine.openshift.io/cluster-api-cluster": INFRA,
        "machine.openshift.io/cluster-api-machineset": name,
    }
    role = {
        "machine.openshift.io/cluster-api-machine-role": "worker",
        "machine.openshift.io/cluster-api-machine-type": "worker",
    }
    return {
        "apiVersion": "machine.openshift.io/v1beta1",
        "kind": "MachineSet",
        "metadata": {
            "name": name,
            "namespace": "openshift-machine-api",
            "uid": "6f0c",
            "resourceVersion": "12",
            "annotations": {"machine.openshift.io/vCPU": "4"},
        },
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": own},
            "template": {
                "metadata": {"labels": {**own, **role}},
                "spec": {
                    "lifecycleHooks": {},
                    "metadata": {"labels": {"node-role.kubernetes.io/worker": ""}},
                    "providerSpec": {"value": value},
                },
            },
        },
        "status": {"replicas": 2},
    }


AWS = machine_set(
    {
        "apiVersion": "machine.openshift.io/v1beta1",
        "kind": "AWSMachineProviderConfig",
        "ami": {"id": "ami-0a1b"},
        "blockDevices": [{"ebs": {"encrypted": True, "volumeSize": 120, "volumeType": "gp3"}}],
        "credentialsSecret": {"name": "aws-cloud-credentials"},
        "deviceIndex": 0,
        "iamInstanceProfile": {"id": f"{INFRA}-worker-profile"},
        "instanceType": "m6i.xlarge",
        "metadataServiceOptions": {},
        "placement": {"availabilityZone": "us-east-1a", "region": "us-east-1"},
        "securityGroups": [{"filters": [{"name": "tag:Name", "values": [f"{INFRA}-node"]}]}],
        "subnet": {"filters": [{"name": "tag:Name", "values": [f"{INFRA}-subnet-private-us-east-1a"]}]},
        "tags": [{"name": f"kubernetes.io/cluster/{INFRA}", "value": "owned"}, {"name": "team", "value": "nobody"}],
        "userDataSecret": {"name": "worker-user-data"},
    },
    f"{INFRA}-worker-us-east-1a",
)

AZURE = machine_set(
    {
        "apiVersion": "machine.openshift.io/v1beta1",
        "kind": "AzureMachineProviderSpec",
        "acceleratedNetworking": True,
        "image": {
            "resourceID": "/resourceGroups/rg/images/rhcos",
            "offer": "",
            "publisher": "",
            "sku": "",
            "version": "",
        },
        "location": "eastus",
        "osDisk": {"diskSizeGB": 128, "managedDisk": {"storageAccountType": "Premium_LRS"}, "osType": "Linux"},
        "publicIP": False,
        "subnet": f"{INFRA}-worker-subnet",
        "userDataSecret": {"name": "worker-user-data"},
        "vmSize": "Standard_D4s_v3",
        "vnet": f"{INFRA}-vnet",
        "zone": "1",
    },
    f"{INFRA}-worker-eastus1",
)

VSPHERE = machine_set(
    {
        "apiVersion": "machine.openshift.io/v1beta1",
        "kind": "VSphereMachineProviderSpec",
        "credentialsSecret": {"name": "vsphere-cloud-credentials"},
        "diskGiB": 120,
        "memoryMiB": 16384,
        "network": {"devices": [{"networkName": "VM Network"}]},
        "numCPUs": 4,
        "numCoresPerSocket": 4,
        "snapshot": "",
        "template": f"{INFRA}-rhcos",
        "userDataSecret": {"name": "worker-user-data"},
        "workspace": {"datacenter": "one", "datastore": "/one/datastore/fast", "server": "vcenter.example"},
    },
    f"{INFRA}-worker",
)
