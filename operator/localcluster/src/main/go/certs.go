package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	validFor    = 5 * 365 * 24 * time.Hour
	renewBefore = 30 * 24 * time.Hour
)

var leaves = []string{"apiserver", "apiserver-client", "node"}

// writeCertificates fills a folder with one authority's key and certificate, those of the API server, of its client
// to the nodes and of the nodes, and the key that signs the tokens of ServiceAccounts.
func writeCertificates(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	// Kept for ever: the tokens of running pods are signed with it.
	if _, err := os.Stat(filepath.Join(folder, "service-account.pub")); errors.Is(err, os.ErrNotExist) {
		key, err := newKey(folder, "service-account")
		if err != nil {
			return err
		}
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return err
		}
		if err := writePem(folder, "service-account.pub", "PUBLIC KEY", public); err != nil {
			return err
		}
	}
	if current(folder) {
		return nil
	}
	authority := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "moco cluster"},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	authorityKey, err := newKey(folder, "ca")
	if err != nil {
		return err
	}
	if err := sign(folder, "ca", authority, authorityKey.Public(), authority, authorityKey); err != nil {
		return err
	}
	for _, name := range leaves {
		key, err := newKey(folder, name)
		if err != nil {
			return err
		}
		certificate := &x509.Certificate{
			Subject:     pkix.Name{CommonName: "moco-" + name},
			KeyUsage:    x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			DNSNames:    []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)},
		}
		if name == "apiserver-client" {
			certificate.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}
		if err := sign(folder, name, certificate, key.Public(), authority, authorityKey); err != nil {
			return err
		}
	}
	return nil
}

// current tells whether every pair is there, belongs together and is good for some time: a crash may have left a half.
func current(folder string) bool {
	authority := load(folder, "ca")
	if authority == nil {
		return false
	}
	for _, name := range leaves {
		leaf := load(folder, name)
		if leaf == nil || leaf.CheckSignatureFrom(authority) != nil {
			return false
		}
	}
	return true
}

// load returns a certificate whose key lies beside it and that is not about to end, or nil.
func load(folder, name string) *x509.Certificate {
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, name+".crt"), filepath.Join(folder, name+".key"))
	if err != nil || time.Now().Add(renewBefore).After(pair.Leaf.NotAfter) {
		return nil
	}
	return pair.Leaf
}

func newKey(folder, name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePem(folder, name+".key", "PRIVATE KEY", encoded)
}

func sign(folder, name string, template *x509.Certificate, key crypto.PublicKey, authority *x509.Certificate, authorityKey crypto.Signer) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(validFor)
	encoded, err := x509.CreateCertificate(rand.Reader, template, authority, key, authorityKey)
	if err != nil {
		return err
	}
	return writePem(folder, name+".crt", "CERTIFICATE", encoded)
}

// writePem writes a private file whole, or not at all.
func writePem(folder, name, kind string, encoded []byte) error {
	file := filepath.Join(folder, name)
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: encoded})
	if err := os.WriteFile(file+".tmp", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".tmp", file)
}
