// Command probe tells what a pod can see: it resolves a name through the cluster's DNS, asks the API server through
// its service address as the pod's service account, and prints both as one line of JSON. Then it waits to be ended.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const credentials = "/var/run/secrets/kubernetes.io/serviceaccount/"

type findings struct {
	Addresses []string `json:"addresses"`
	Outside   string   `json:"outside"`
	Status    int      `json:"status"`
	Error     string   `json:"error"`
}

func main() {
	found := findings{}
	// The name as a person writes it: the search list of the pod's resolv.conf completes it.
	addresses, err := net.LookupHost("kubernetes.default")
	found.Addresses = addresses
	if err == nil {
		found.Status, err = ask("https://kubernetes.default/version")
	}
	if err != nil {
		found.Error = err.Error()
	}
	if _, err := net.LookupHost("outside.invalid"); err != nil {
		found.Outside = err.Error()
	}
	line, _ := json.Marshal(found)
	fmt.Println(string(line))
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	<-ended
}

func ask(url string) (int, error) {
	authority, err := os.ReadFile(credentials + "ca.crt")
	if err != nil {
		return 0, err
	}
	token, err := os.ReadFile(credentials + "token")
	if err != nil {
		return 0, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	client := http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}},
	}
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}
