// Prints the status of a resource as Flux reads it by healthCheckExprs; exits with 1 where an expression cannot be evaluated.
//
//	flux EXPRESSIONS < resource.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	var expressions kustomize.HealthCheckExpressions
	if err := json.Unmarshal([]byte(os.Args[1]), &expressions); err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	resource := &unstructured.Unstructured{}
	// Its numbers become integers, without which Flux leaves out the check of the generation.
	if err := resource.UnmarshalJSON(text); err != nil {
		log.Fatal(err)
	}
	evaluator, err := cel.NewStatusEvaluator(&expressions)
	if err != nil {
		log.Fatal(err)
	}
	result, err := evaluator.Evaluate(context.Background(), resource)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Status)
}
