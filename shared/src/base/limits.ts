/**
 * Every bound of the product, with its reason. Reaching one is counted and handled, never silent.
 * Sources: design pages protocol.md, agent.md, security.md unless said otherwise.
 */
export const limits = {
  /** A frame of the assignment stream stays under this, so that one stream never blocks others for long. */
  frameBytesMax: 1_048_576,
  /** grpc-js kills a stream on a larger message; 4 × frameBytesMax leaves room for a peer with other limits. */
  grpcMessageBytesMax: 4_194_304,
  /** Assignments of one cluster: bounds Hello and the hub's memory for each agent. */
  assignmentsPerClusterMax: 2_000,
  /** Entries of one list inside a row, a report or a frame: trees, patches, checks, labels, capabilities. */
  frameListItemsMax: 1_000,
  /** Names, versions and other short words inside a frame. */
  frameNameMax: 256,
  /** Checks of one stage: each is asked on every cluster. */
  stageChecksMax: 8,
  /** What a webhook check answers: a word and a sentence, with room for what servers add. */
  checkReplyBytesMax: 65_536,
  /** One try to ask a webhook check: an answer that takes longer is to be 202, and asked for again. */
  checkTryMs: 10_000,
  /** Longest pause between two tries: whoever answers at last is heard within it. */
  checkPauseMsMax: 60_000,
  /** JSON of the Job that a check runs: it goes with every row. */
  checkJobTextMax: 16_384,
  /** A CEL expression: its cost grows with its length. */
  celTextMax: 4_096,
  /** Nesting of a CEL expression: reading and evaluating go as deep, and a person cannot follow more. */
  celDepthMax: 100,
  /** Macros (all, exists, map, filter) inside each other: each multiplies the work by the length of a list. */
  celMacroDepthMax: 2,
  /** Values in the data that a CEL expression looks at: with two macros the work stays below a second. */
  celDataNodesMax: 50_000,
  /** A repository or bus URL. */
  urlMax: 2_048,
  /** A delay that a peer asks for: a nonsense value must not park an agent for days. */
  peerDelayMsMax: 600_000,
  /** One compressed status document; NATS refuses more than 1 MiB by default. */
  statusDocumentBytesMax: 524_288,
  /** Inflated size accepted of a status document: stops compression bombs. */
  statusInflatedBytesMax: 8_388_608,
  /** JSON of a report's assignments before detail is left out: compressed it stays below statusDocumentBytesMax. */
  reportJsonBytesMax: 3_000_000,
  /** Failing objects listed for each assignment in a report. */
  failingObjectsMax: 10,
  /** Objects named in the list of a prune that waits for permission. */
  heldPruneObjectsMax: 50,
  /** Texts that an agent or Git gives and people read. */
  reasonTextMax: 1_024,
  /** Objects rendered by one assignment. */
  objectsPerAssignmentMax: 5_000,
  /** Rendered bytes of one assignment. */
  renderedBytesMax: 20_000_000,
  /** Bytes of one rendered object: etcd refuses more than 1.5 MiB. */
  objectBytesMax: 1_000_000,
  /** Nesting of one manifest: schemas of large definitions reach about 90 levels. */
  manifestDepthMax: 200,
  /** Problems of one render that are listed; the rest is counted. */
  renderProblemsMax: 50,
  /** A pack that a Git server sends for one fetch. */
  packBytesMax: 200_000_000,
  /** Inflated size of all objects of one fetch. */
  inflatedBytesMax: 500_000_000,
  /** Objects in one pack. */
  packObjectsMax: 100_000,
  /** One file of a tree that is read. */
  fileBytesMax: 10_000_000,
  /** Who may sign the commits of one source: a team with room. */
  sourceSignersMax: 32,
  /** One signer as text: an OpenPGP key block with a few names and subkeys. */
  signerTextMax: 8_192,
  /** Refs that a server may advertise. */
  refsMax: 50_000,
  /** Bytes of a ref list: `refsMax` refs with long names and what tags point to. */
  refListBytesMax: 16_777_216,
  /** Files below one tree: what a pack can hold. */
  treeFilesMax: 100_000,
  /** Bytes of all files below one tree: what a pack can hold. */
  treeBytesMax: 200_000_000,
  /** Remotes kept between uses, each with its connections: more repositories than one program usually reads. */
  gitRemotesMax: 32,
  /** Redirects followed on one Git server before it is called a loop. */
  gitRedirectsMax: 3,
  /** Packs above this are spooled to a file while they arrive, so that memory stays flat. */
  gitSpoolMemoryBytesMax: 4_194_304,
  /** Inflated objects kept at hand as bases of deltas while a pack is read. */
  gitBaseCacheBytesMax: 16_777_216,
  /** Objects named in one fetch request: about 250 KB of request. */
  gitWantsMax: 5_000,
  /** Folder store of Git objects, bytes on disk. */
  gitStoreBytesMax: 536_870_912,
  /** Trees and commits of a folder store kept in memory: about 10,000 folders. */
  gitTreesAtHandBytesMax: 8_388_608,
  /** Ids remembered as too large to keep. */
  gitTooLargeNotesMax: 1_000,
  /** Memory store of Git objects. */
  gitMemoryStoreBytesMax: 67_108_864,
  /** Commits looked back to see whether one is the ancestor of another. */
  gitAncestryCommitsMax: 2_000,
  /** Pack accepted to answer that: commits alone are a few hundred bytes each. */
  gitAncestryBytesMax: 20_000_000,
  /** Characters of a name that is compared with others to find what was meant: the cost grows with their square. */
  comparedNameMax: 128,
  /** Words of a Git server shown in a message. */
  gitTextMax: 300,
  /** Depth of folders in a tree. */
  treeDepthMax: 64,
  /** What one packed chart below `charts/` unpacks to; Helm itself stops at 100 MB. */
  chartArchiveBytesMax: 20_000_000,
  /** Wall time of one render child. */
  renderMs: 60_000,
  /** Memory of one render child. */
  renderMemoryBytesMax: 536_870_912,
  /** One flotilla.dev file of a control repository. */
  controlFileBytesMax: 1_048_576,
  /** flotilla.dev documents in a control repository: 1,000 placements with room for the other kinds. */
  controlDocumentsMax: 10_000,
  /** How far into the future change windows are looked at: five years, so that a leap day comes in any of them. */
  windowLookMsMax: 5 * 366 * 86_400_000,
  /** Times that windows open or close within one look into the future: bounds the work that a schedule can make. */
  windowStepsMax: 10_000,
  /** Aliases followed in one YAML document of a control repository: more is a bomb, not a configuration. */
  yamlAliasesMax: 100,
  /** Kustomizations that hang together behind one path: more is a mistake or an attack. */
  kustomizationsMax: 1_000,
  /** The plan of one rollout as JSON: 10,000 clusters with a small variant each, ten times over. */
  planBytesMax: 67_108_864,
  /** Events of the log remembered by the start of their hash, a power of two: 32 MiB; a busy fleet of 1,000 placements makes that many in months. */
  loggedHashesMax: 4_194_304,
  /** Decisions of one look at a placement; more follow at the next look, after these are in the log. */
  decisionsPerLookMax: 64,
  /** Ended rollouts of a placement kept in memory for people; the log keeps all. */
  rolloutHistoryMax: 100,
  /** Webhook bodies; only the signature and the wake-up matter. */
  webhookBytesMax: 65_536,
  /** API request bodies. */
  apiBodyBytesMax: 1_048_576,
  /** Names of clusters in one list of a plan: two screens; the count says how many there are. */
  planNamesMax: 200,
  /** Files that differ, named in one step of a plan. */
  planFilesMax: 200,
  /** Items in one page of an API list. */
  apiPageItemsMax: 500,
  /** Assignments shown beside one described item: three screens. */
  describeItemsMax: 100,
  /** Causes named in the summary of a list: more fit on no screen. */
  apiFailureGroupsMax: 20,
  /** Requirements in one selector of the API. */
  apiSelectorTermsMax: 50,
  /** Header bytes of one API or webhook request. */
  httpHeaderBytesMax: 16_384,
  /** Event streams open at once: 50 consoles with room for scripts. */
  sseReadersMax: 256,
  /** Items remembered as changed, so that a reader can resume: a wave over 10,000 clusters ten times over. */
  apiChangesMax: 100_000,
  /** Webhook deliveries remembered against repetition. */
  webhookDeliveriesMax: 1_000,
  /** A join line: an address, a token and four pins are some 600 characters. */
  joinLineBytesMax: 4_096,
  /** The policy of a cluster: a person writes it; keys of signers are the longest part, a few kilobytes each. */
  policyBytesMax: 262_144,
  /** Longest life of a join token, milliseconds: 30 days. */
  joinTokenLifeMsMax: 2_592_000_000,
  /** One message on the bus: what NATS servers accept by default, and the room of a decision. */
  busMessageBytesMax: 1_048_576,
  /** One message of an agent on the bus: a status document, with room for its envelope and headers. */
  agentMessageBytesMax: 540_672,
  /** A certificate request; one for a P-256 key has about 250 bytes. */
  csrBytesMax: 8_192,
  /** Live certificates remembered for one cluster: 14 renewals in their 7 days, and room for lost answers. */
  certificatesPerClusterMax: 32,
  /** Join tokens and taken names in their bucket: a fleet of 10,000 that joins at once, twice over. */
  enrolmentRecordsMax: 20_000,
  /** Enrolments a second that one hub process looks at; each costs a few milliseconds of signing. */
  enrolmentsPerSecond: 100,
  /** Enrolments a second from one address: a site behind one address joins in seconds, and leaves room for others. */
  enrolmentsPerSecondFromOne: 50,
  /** Renewals a second of one cluster; an agent needs one in half a day. */
  renewalsPerSecondFromOne: 1,
  /** Addresses whose rate is remembered. */
  enrolmentAddressesMax: 10_000,
  /** Streams told in one message between hub processes: some 70 bytes each leave it a third of what the bus takes. */
  gossipSightingsMax: 4_000,
  /** Refused rows told in one such message: with the longest reasons half of what the bus takes. */
  gossipRejectionsMax: 400,
  /** Messages of other hub processes that wait to be read: a digest repeats what is dropped. */
  gossipBacklogMax: 1_000,
  /** Hub processes that one listens to, those that are away included: restarts leave a name behind each. */
  hubProcessesMax: 32,
  /** New agent streams a second per hub process. */
  streamsPerSecond: 100,
  /** Bytes queued for one slow event-stream reader before it is told that it lagged. */
  sseBufferBytesMax: 1_048_576,
  /** Objects asked for in one page of a Kubernetes list; client-go's page size. */
  kubePageItemsMax: 500,
  /** Objects of one Kubernetes list: above it the selection is too wide for an agent's memory. */
  kubeListItemsMax: 100_000,
  /** One Kubernetes answer: a page of large objects; a page that is larger is asked for again with fewer items. */
  kubeAnswerBytesMax: 33_554_432,
  /** One line of a Kubernetes watch: etcd's largest object (1.5 MiB) twice over for JSON's escapes. */
  kubeWatchLineBytesMax: 4_194_304,
  /** Group versions asked for by the older form of discovery. */
  kubeGroupVersionsMax: 1_000,
  /** Writes that a simulated cluster remembers for its write log: a thousand clusters share one process. */
  simulatedWritesMax: 5_000,
  /** Changes that a simulated cluster remembers for watches; older versions are Expired. */
  simulatedHistoryMax: 300,
} as const;
