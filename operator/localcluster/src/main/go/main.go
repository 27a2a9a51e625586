// Command cluster is a Kubernetes control plane in one program, and the kubectl that matches it:
//
//	cluster certs FOLDER                      keys and certificates, made where they are missing or old
//	cluster etcd FOLDER [--unsafe-no-fsync]   data below FOLDER, served on a socket in the working directory
//	cluster kube-apiserver|kube-controller-manager|kube-scheduler|kubectl ARGUMENTS
//
// Called by the name kubectl it is kubectl.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	_ "time/tzdata"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	name := filepath.Base(os.Args[0])
	if name != "kubectl" {
		if len(os.Args) < 2 {
			fail("no command; commands are: certs, etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl")
		}
		// Each command finds its own name first, as if it were a program of its own.
		os.Args = os.Args[1:]
		name = os.Args[0]
	}
	if os.Getenv("MOCO_EXIT_WITH_PARENT") == "1" {
		go exitWithParent()
	}
	switch name {
	case "certs":
		check(writeCertificates(argument("certs FOLDER")))
	case "etcd":
		check(serveEtcd(argument("etcd FOLDER"), len(os.Args) > 2 && os.Args[2] == "--unsafe-no-fsync"))
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllers.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			util.CheckErr(err)
		}
	default:
		fail("unknown command " + name)
	}
}

// The parent holds the other end of standard input, and lets go of it however it ends.
func exitWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}

func argument(usage string) string {
	if len(os.Args) < 2 {
		fail("usage: cluster " + usage)
	}
	return os.Args[1]
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "cluster: "+message)
	os.Exit(1)
}
