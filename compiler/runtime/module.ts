// An artifact made ready on a processor: its code loaded once, and what is the same for all of its instances computed once.
// Instances of any number of stores share it; it is freed when the last holder lets go.

import type { Artifact } from '../contract/artifact.ts';
import type { ConstantExpression, FunctionType, Manifest } from '../contract/manifest.ts';
import type { LoadedCode, Processor } from '../contract/processor.ts';
import { functionDescriptor, layoutVmctx, memoryDefinition, tableDefinition, type VmctxLayout } from '../contract/vmctx.ts';
import { bug } from '../base/errors.ts';

/** Text under which equal function types are equal. */
export function signatureKey(type: FunctionType): string {
  return `${type.params.join()}>${type.results.join()}`;
}

export class LoadedModule {
  readonly artifact: Artifact;
  readonly manifest: Manifest;
  readonly processor: Processor;
  readonly code: LoadedCode;
  readonly layout: VmctxLayout;
  readonly typeKeys: readonly string[];
  /** Defined functions that a reference can name: exported, in an element segment or a constant expression. Sorted. */
  readonly referenced: readonly number[];
  /** Byte offsets in an instance's one block: vmctx, memory definitions, table definitions, descriptors of `referenced`. */
  readonly memoryDefinitions: number;
  readonly tableDefinitions: number;
  readonly descriptors: number;
  readonly instanceBytes: number;
  private holders = 1;

  constructor(processor: Processor, artifact: Artifact) {
    const { manifest } = artifact;
    this.artifact = artifact;
    this.manifest = manifest;
    this.processor = processor;
    this.code = processor.load(artifact);
    this.layout = layoutVmctx({
      types: manifest.types.length,
      memories: manifest.memories.length,
      tables: manifest.tables.length,
      importedGlobals: manifest.importedGlobals,
      definedGlobals: manifest.globals.length - manifest.importedGlobals,
      importedFunctions: manifest.importedFunctions,
      functions: manifest.functions.length,
    });
    this.typeKeys = manifest.types.map(signatureKey);
    this.referenced = referencedFunctions(manifest);
    this.memoryDefinitions = this.layout.size;
    this.tableDefinitions = this.memoryDefinitions + memoryDefinition.size * (manifest.memories.length - manifest.importedMemories);
    this.descriptors = this.tableDefinitions + tableDefinition.size * (manifest.tables.length - manifest.importedTables);
    this.instanceBytes = this.descriptors + functionDescriptor.size * this.referenced.length;
  }

  /** Types of function `index` of the index space. */
  functionType(index: number): FunctionType {
    return this.manifest.types[this.manifest.functions[index] ?? -1] ?? bug('function index out of range', `function ${index}`);
  }

  /** Which of the artifact's signatures function type `type` has in compiled code. */
  signatureOfType(type: number): number {
    return this.artifact.typeSignatures[type] ?? bug('type index out of range', `type ${type}`);
  }

  retain(): void {
    if (this.holders === 0) bug('a module is used after it was released');
    this.holders++;
  }

  release(): void {
    if (--this.holders === 0) this.code.release();
  }
}

function referencedFunctions(manifest: Manifest): number[] {
  const found = new Set<number>();
  const scan = (expression: ConstantExpression | undefined): void => {
    for (const step of expression ?? []) if (step.op === 'ref.func') found.add(step.index);
  };
  for (const { kind, index } of manifest.exports) if (kind === 'function') found.add(index);
  for (const segment of manifest.elements) segment.items.forEach(scan);
  manifest.globalInits.forEach(scan);
  manifest.tableInits.forEach(scan);
  return [...found].filter((index) => index >= manifest.importedFunctions).sort((a, b) => a - b);
}
