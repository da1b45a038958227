import type { GoModule } from "../../support/go-module.ts";

/** A Go module that ships charts, and how many folders with a Chart.yaml it has. */
export interface ChartModule extends GoModule {
  readonly charts: number;
  /** Too much to fetch for every test run; `make chart-sweep` takes it. */
  readonly isLarge?: true;
}

export const CHART_MODULES: readonly ChartModule[] = [
  { path: "github.com/NVIDIA/gpu-operator", version: "v0.0.0-20250917190837-d73a0086a6ba", charts: 2 },
  { path: "github.com/aquasecurity/trivy", version: "v0.74.0", charts: 4, isLarge: true },
  { path: "github.com/aws/amazon-vpc-cni-k8s", version: "v1.23.2", charts: 3 },
  { path: "github.com/bitnami-labs/sealed-secrets", version: "v0.40.0", charts: 1 },
  { path: "github.com/cert-manager/cert-manager", version: "v1.21.2", charts: 3 },
  {
    path: "github.com/chaos-mesh/chaos-mesh",
    version: "v0.9.1-0.20260902003049-47411975a8cb",
    charts: 1,
  },
  { path: "github.com/cilium/cilium", version: "v1.20.2", charts: 4, isLarge: true },
  { path: "github.com/dapr/dapr", version: "v1.14.0", charts: 8, isLarge: true },
  { path: "github.com/elastic/cloud-on-k8s/v3", version: "v3.5.0", charts: 13, isLarge: true },
  { path: "github.com/envoyproxy/gateway", version: "v1.9.1", charts: 4, isLarge: true },
  { path: "github.com/flannel-io/flannel", version: "v0.28.10", charts: 1 },
  { path: "github.com/fluxcd/flagger", version: "v1.36.1", charts: 4, isLarge: true },
  { path: "github.com/hashicorp/vault-helm", version: "v0.34.1", charts: 1 },
  { path: "github.com/jetstack/cert-manager", version: "v1.5.5", charts: 3 },
  { path: "github.com/k8snetworkplumbingwg/whereabouts", version: "v0.9.2", charts: 1 },
  { path: "github.com/kyverno/kyverno", version: "v1.19.1", charts: 4, isLarge: true },
  { path: "github.com/metallb/frr-k8s", version: "v0.0.21", charts: 2 },
  {
    path: "github.com/minio/minio",
    version: "v0.0.0-20260212201848-7aac2a2c5b7c",
    charts: 1,
    isLarge: true,
  },
  { path: "github.com/open-policy-agent/gatekeeper/v3", version: "v3.23.1", charts: 3, isLarge: true },
  {
    path: "github.com/projectcalico/calico",
    version: "v1.11.0-cni-plugin.0.20250813170300-a0db560f0520",
    charts: 2,
    isLarge: true,
  },
  { path: "go.universe.tf/metallb", version: "v0.16.2", charts: 2 },
  // Small charts that Helm is tested with: aliases, conditions, imports, packages in charts/, broken ones.
  { path: "helm.sh/helm/v3", version: "v3.21.4", charts: 137 },
  { path: "istio.io/istio", version: "v0.0.0-20260827124520-eed52ebb66ad", charts: 10, isLarge: true },
  { path: "k8s.io/ingress-nginx", version: "v0.0.0-20240708192948-52c50467d67d", charts: 1 },
  { path: "sigs.k8s.io/descheduler", version: "v0.36.0", charts: 1 },
  { path: "sigs.k8s.io/external-dns", version: "v0.20.0", charts: 1 },
  { path: "sigs.k8s.io/karpenter", version: "v1.8.0", charts: 1 },
  { path: "sigs.k8s.io/kueue", version: "v0.17.0", charts: 1 },
  { path: "sigs.k8s.io/metrics-server", version: "v0.9.0", charts: 1 },
];
