// Prints the health of a resource as Argo CD reads it: a JSON object with status and message.
//
//	argocd GROUP/KIND SCRIPT < resource.json
package main

import (
	"encoding/json"
	"io"
	"log"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	script, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	resource := &unstructured.Unstructured{}
	if err := resource.UnmarshalJSON(text); err != nil {
		log.Fatal(err)
	}
	overrides := lua.ResourceHealthOverrides{
		os.Args[1]: v1alpha1.ResourceOverride{HealthLua: string(script)},
	}
	health, err := overrides.GetResourceHealth(resource)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(health); err != nil {
		log.Fatal(err)
	}
}
