// Command coredns is CoreDNS with only the plugins that a cluster without a
// way out needs: the server answers names of the cluster and refuses the rest.
//
// There is no forward plugin on purpose: a query for an outside name cannot
// leave the machine, whatever the Corefile says. The upstream main also links
// several cloud providers' libraries, which nothing here calls.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/ready"
)

// directives is the order in which plugins handle a query, as in upstream's
// plugin.cfg (v1.13.1). A plugin that is not listed cannot be named in a Corefile.
var directives = []string{"ready", "health", "errors", "log", "cache", "kubernetes"}

func init() {
	dnsserver.Directives = directives
}

func main() {
	coremain.Run()
}
