package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
)

// A socket in the working directory: only who may enter that folder reads the cluster's secrets.
const etcdSocket = "unix://etcd:0"

// serveEtcd runs one member without peers until it is told to end.
func serveEtcd(folder string, unsafeNoFsync bool) error {
	// What a killed process left behind would refuse the new one.
	if err := os.Remove("etcd:0"); err != nil && !os.IsNotExist(err) {
		return err
	}
	client, err := url.Parse(etcdSocket)
	if err != nil {
		return err
	}
	config := embed.NewConfig()
	config.Dir = folder
	config.UnsafeNoFsync = unsafeNoFsync
	config.LogLevel = "warn"
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	config.ListenPeerUrls = nil
	config.ListenClientUrls = []url.URL{*client}
	config.AdvertiseClientUrls = config.ListenClientUrls
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return fmt.Errorf("etcd in %s: %w", folder, err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-signals:
		etcd.Close()
		return nil
	case err = <-etcd.Err():
		return fmt.Errorf("etcd in %s: %w", folder, err)
	}
}
