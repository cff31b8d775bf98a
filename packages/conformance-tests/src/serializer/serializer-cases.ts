/** The suite for serializers, law by law. */
import { byteCases } from './byte-cases.js';
import { honestCases } from './honest-cases.js';
import { losslessCases } from './lossless-cases.js';
import type { SerializerCase } from './serializer-case.js';

export const serializerCases: readonly SerializerCase[] = [...losslessCases, ...honestCases, ...byteCases];
