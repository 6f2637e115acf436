/** State of one link, as the core sees it. */
import type { NodeId } from "../node-id.ts";
import { GapQuestions } from "./gap-questions.ts";
import { Question } from "./question.ts";
import { UnderWay } from "./under-way.ts";
import { Vouched } from "./vouched.ts";

export class LinkState {
  readonly peer: NodeId;
  /** The first exchange has been completed. */
  synced = false;
  /** In the push tree: new deltas go over it at once. */
  eager = false;
  /** In the tree only until this node hangs on its parent in the backbone, as this end made it. */
  standsIn = false;
  /** The peer hangs on this node in the backbone. */
  child = false;
  /** When a push over it last brought something new. */
  usefulMonoMs = Number.NEGATIVE_INFINITY;
  /** When the own Hello was last sent. */
  helloMonoMs = Number.NEGATIVE_INFINITY;
  /** The last round's question over it. */
  readonly question = new Question();
  /** When the peer was last asked, and last asked, about member records. */
  membersMonoMs = Number.NEGATIVE_INFINITY;
  bucketsMonoMs = Number.NEGATIVE_INFINITY;
  /** The last digest of members that the peer has shown was that of a partial view. */
  claimsPartial = false;
  /** When a repair was last started with this peer and not yet ended. */
  repairMonoMs = Number.NEGATIVE_INFINITY;
  /** Until when nothing is repaired over it: what it brought last found no room. */
  restMonoMs = Number.NEGATIVE_INFINITY;
  /** When the peer was last sent the proof against an author it still carries. */
  proofMonoMs = Number.NEGATIVE_INFINITY;
  /** What repair has just sent over it. */
  readonly underWay = new UnderWay();
  /** Whose records with a credential repair has just sent over it. */
  readonly vouched = new Vouched();
  /** When it may be asked about gaps. */
  readonly gaps = new GapQuestions();
  readonly #changed: () => void;
  #ready = false;
  #ownWants = false;
  #peerWants = false;

  /** @param changed called when what {@link LinkState.isGossiping} depends on may have changed. */
  constructor(peer: NodeId, changed: () => void) {
    this.peer = peer;
    this.#changed = changed;
  }

  /** The peer's Hello has been accepted. */
  get ready(): boolean {
    return this.#ready;
  }

  set ready(ready: boolean) {
    this.#ready = ready;
    this.#changed();
  }

  /** Whether this node, and the peer, want gossip on the link: it flows when either does. */
  get ownWants(): boolean {
    return this.#ownWants;
  }

  set ownWants(wants: boolean) {
    this.#ownWants = wants;
    this.#changed();
  }

  get peerWants(): boolean {
    return this.#peerWants;
  }

  set peerWants(wants: boolean) {
    this.#peerWants = wants;
    this.#changed();
  }

  get isGossiping(): boolean {
    return this.#ready && (this.#ownWants || this.#peerWants);
  }
}
